/** Text to be taken over as it is. The button comes with the script; without it the text can be marked. */
export function Copyable({ id, text, what }: { id: string; text: string; what: string }) {
  return (
    <div class="copyable">
      <pre id={id}>{text}</pre>
      <button type="button" data-copy={id} aria-label={`Copy: ${what}`} hidden>
        Copy
      </button>
    </div>
  )
}
