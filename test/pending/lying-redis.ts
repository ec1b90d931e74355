import { type AddressInfo, type Socket, createServer } from 'node:net'
import { onTestFinished } from 'vitest'

/** Answers a command of a connection: with raw RESP; 'silence' says nothing, 'hang up' closes. */
export type Answer = (command: string, connection: number) => string

const HANDSHAKE: Record<string, string> = {
  HELLO: `-ERR unknown command 'HELLO'\r\n`,
  CLIENT: '+OK\r\n',
  INFO: '$15\r\nredis_version:7\r\n',
}

/** Something that speaks like Redis and answers as no Redis should; for what a real one cannot be brought to do. */
export async function lyingRedis(answer: Answer): Promise<string> {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    const connection = sockets.push(socket)
    socket.on('error', () => undefined)
    socket.on('data', (data) => {
      for (const command of commandsIn(data.toString())) {
        const reply = HANDSHAKE[command] ?? answer(command, connection)
        if (reply === 'hang up') socket.destroy()
        else if (reply !== 'silence') socket.write(reply)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `redis://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** The first word of each command in a chunk; ours are small enough to come in one. */
const commandsIn = (chunk: string): string[] =>
  [...chunk.matchAll(/\*\d+\r\n\$\d+\r\n(\w+)\r\n/g)].map((found) => found[1]!.toUpperCase())
