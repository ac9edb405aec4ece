import { type ListRules, listNames, select } from '../tracker/select.js'
import type { Entry } from '../tracker/state.js'
import { formatNames, formats } from './formats.js'
import type { ListFile } from './write.js'

/** Every list in every format, named `<list><extension>` as under `/lists/`. */
export function renderLists(
  entries: readonly Entry[],
  context: { readonly rules: ListRules; readonly at: Date },
): readonly ListFile[] {
  return listNames.flatMap((list) => {
    const selected = select(entries, { list, order: 'uptime' }, context)
    return formatNames.map((name) => ({
      name: `${list}${formats[name].extension}`,
      text: formats[name].render(selected),
    }))
  })
}
