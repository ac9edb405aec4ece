import { type ListContext, listNames, select } from '../tracker/select.js'
import type { Entry } from '../tracker/state.js'
import { type ListFormat, usableIn } from './format.js'
import { formatNames, formats } from './formats.js'
import type { ListFile } from './write.js'

/** Every list in every format, named `<list><extension>` as under `/lists/`. */
export function renderLists(entries: readonly Entry[], context: ListContext): readonly ListFile[] {
  return listNames.flatMap((list) => {
    const all = select(entries, { list, order: 'uptime' }, context)
    return formatNames.map((name) => {
      const format: ListFormat = formats[name]
      const usable =
        format.schemes === undefined ? all : select(entries, usableIn(format, { list, order: 'uptime' }), context)
      return { name: `${list}${format.extension}`, text: format.render(usable) }
    })
  })
}
