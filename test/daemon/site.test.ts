import { describe, expect, it } from 'vitest'
import { type App, openSite } from '../../src/daemon/site.js'

function request(path: string): Request {
  return new Request(`http://127.0.0.1${path}`)
}

const echo: App = {
  fetch: ({ url }, connection) => new Response(`the app at ${new URL(url).pathname} for ${String(connection)}`),
}

describe('a site that is being loaded', () => {
  it('says at once that it is ready and alive, and answers the rest when it is there', async () => {
    const { promise, resolve } = pending<App>()
    const site = openSite(() => promise)
    const page = site.fetch(request('/'), 'a client')
    for (const path of ['/-/ready', '/-/healthy']) expect((await site.fetch(request(path))).status).toBe(200)
    resolve(echo)
    expect(await (await page).text()).toBe('the app at / for a client')
    expect(await (await site.fetch(request('/-/ready'), 'another')).text()).toBe('the app at /-/ready for another')
    await site.loaded
  })

  it('leaves it to the app to refuse a method', async () => {
    const site = openSite(() => Promise.resolve(echo))
    const answer = site.fetch(new Request('http://127.0.0.1/-/ready', { method: 'POST' }), 'a client')
    expect(await (await answer).text()).toBe('the app at /-/ready for a client')
  })

  it('fails where it cannot be loaded, and says so to whoever started it', async () => {
    const site = openSite(() => Promise.reject(new Error('no such module')))
    const failure = {
      message: expect.stringContaining('the pages and the API cannot be loaded'),
      cause: expect.objectContaining({ message: 'no such module' }),
    }
    await expect(site.loaded).rejects.toMatchObject(failure)
    await expect(site.fetch(request('/'))).rejects.toMatchObject(failure)
  })
})

function pending<T>() {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
