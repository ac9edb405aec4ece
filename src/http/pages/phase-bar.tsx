import { type Phases, phaseNames } from '../../tracker/outcome.js'
import { markup } from './markup.js'
import { phaseColours, phaseWords } from './phase-words.js'
import { milliseconds } from './text.js'

const WIDTH = 1000

/** The phases of one probe side by side, each as long as it took, and in words. */
export function PhaseBar({ phases }: { phases: Phases }) {
  const spent = phaseNames.flatMap((phase) => {
    const ms = phases[phase]
    return ms === undefined ? [] : [{ phase, ms }]
  })
  const totalMs = spent.reduce((sum, { ms }) => sum + ms, 0)
  if (spent.length === 0) return null
  let x = 0
  const parts = spent.map(({ phase, ms }) => {
    const width = Math.round(totalMs === 0 ? WIDTH / spent.length : (WIDTH * ms) / totalMs)
    const part = markup`<path class="area ${phaseColours[phase]}" d="M${x} 0h${width}v10h-${width}Z"><title>${phaseWords[phase]} ${milliseconds(ms)}</title></path>`
    x += width
    return part
  })
  return (
    <>
      {markup`<svg class="phases" viewBox="0 0 ${WIDTH} 10" preserveAspectRatio="none" aria-hidden="true">${parts}</svg>`}
      <div class="why muted">
        {spent.map(({ phase, ms }) => (
          <span class={`key ${phaseColours[phase]}`}>
            {phaseWords[phase]} {milliseconds(ms)}
          </span>
        ))}
      </div>
    </>
  )
}
