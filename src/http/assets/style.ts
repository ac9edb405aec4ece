import { api } from './styles/api.js'
import { bars } from './styles/bars.js'
import { base } from './styles/base.js'
import { incidents } from './styles/incidents.js'
import { lists } from './styles/lists.js'
import { status } from './styles/status.js'
import { submit } from './styles/submit.js'
import { tracker } from './styles/tracker.js'

/** The one stylesheet: what all pages share, then what each adds. */
export const stylesheet = [base, bars, status, tracker, incidents, lists, submit, api].join('\n')
