import { BEST_PLACES, type ListRules } from '../../tracker/list-rules.js'
import { duration, percent } from './text.js'

/** How the lists are computed, with the numbers in force. */
export function ListRulesText({ rules }: { rules: ListRules }) {
  const { stable, best } = rules
  const leavesBelow = Math.max(stable.minUptime - stable.margin, 0)
  return (
    <section>
      <h2 id="rules">How they are made</h2>
      <p>
        <b>alive</b> and the lists by scheme have every tracker whose status is alive. A status changes only after
        several checks in a row, so these lists follow it at once.
      </p>
      <p>
        <b>stable</b>: a tracker enters if it is alive, was up at least {percent(stable.minUptime)} of the time observed
        in {stable.window}, and has been watched for {duration(stable.minAgeMs)} or longer. It stays until its uptime
        falls below {percent(leavesBelow)}, or until it has not been alive for {duration(stable.graceMs)}: so it does
        not come and go at the threshold, nor with every blink. A reader with a threshold, a window or an age of his own
        gets what fits just these.
      </p>
      <p>
        <b>best</b>: at most {best.limit} of those alive, the ones on stable first, then by uptime over {stable.window},
        then by latency. One that is on it stays as long as it is among the first {best.limit * BEST_PLACES} and is not
        gone for {duration(stable.graceMs)}, so that a challenger has to be clearly better. With a filter, the members
        that pass it come first and the next in rank after them.
      </p>
      <p>
        A URL that carries a passkey or a password is on no list, and a tracker that makes up peers only on <b>all</b>.
        No list has a URL twice; the port always stands in it, an IPv6 address in brackets.
      </p>
    </section>
  )
}
