declare module 'bittorrent-tracker' {
  import type { EventEmitter } from 'node:events'

  interface Listener {
    address(): { readonly port: number }
  }

  export class Server extends EventEmitter {
    constructor(options: {
      readonly udp: boolean
      readonly http: boolean
      readonly ws: boolean
      readonly stats: boolean
    })
    readonly http: Listener
    readonly udp4: Listener
    readonly udp6: Listener
    listen(port: number, hosts: Readonly<Record<'http' | 'udp' | 'udp6', string>>): void
    close(done: () => void): void
  }
}
