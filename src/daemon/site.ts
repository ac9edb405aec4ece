import { readyAnswer } from './starting-app.js'

/** What the port answers. */
export interface App {
  fetch(request: Request, connection?: unknown): Response | Promise<Response>
}

export interface Site extends App {
  /** Rejects where the app cannot be loaded. */
  readonly loaded: Promise<void>
}

/**
 * The pages and the API are a third of the program, and no check needs them: they are loaded once the monitor runs.
 * A request that comes before waits for them, a question whether we are ready does not.
 */
export function openSite(load: () => Promise<App>): Site {
  let app: App | null = null
  const loading = load().then(
    (loaded) => {
      app = loaded
      return loaded
    },
    (cause) => {
      throw new Error('the pages and the API cannot be loaded, expected all files of the installation', { cause })
    },
  )
  return {
    fetch: (request, connection) =>
      app?.fetch(request, connection) ??
      readyAnswer(request) ??
      loading.then((loaded) => loaded.fetch(request, connection)),
    loaded: loading.then(() => {}),
  }
}
