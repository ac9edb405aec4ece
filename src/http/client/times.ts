import { relative } from './relative.js'

/** Says every moment under `root` as it is now, and in the reader's zone where it is hovered. */
export function sayTimes(root: ParentNode, now: Date): void {
  for (const time of root.querySelectorAll<HTMLTimeElement>('time[datetime]')) {
    const at = new Date(time.dateTime)
    // What was to come and has not been heard of yet is about to.
    const isDue = time.dataset.due !== undefined && at <= now
    const text = isDue ? 'now' : relative(at, now)
    if (time.textContent !== text) time.textContent = text
    if (time.dataset.utc !== undefined) continue
    time.dataset.utc = time.title
    time.title = `${at.toLocaleString()} (${time.title})`
  }
}
