import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";
import { certificateIn } from "./certificate.ts";

/** Where launchers on other machines come in. */
export interface NetworkWay {
  /** Where we listen. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** The name or address under which sessions reach us. */
  readonly address: string;
  /** Holds `tunnel.pem` (0600), certificate and key, made once where there is none. Launchers trust that one alone. */
  readonly certificateFolder: string;
}

interface Listening {
  readonly server: Server;
  readonly port: number;
  /** As PEM. */
  readonly certificate: string;
}

/** Milliseconds of silence after which the kernel asks whether a stream's other end is still there. */
const keepAliveInitialDelay = 15_000;

/** Listens for launchers on other machines: TLS 1.3, with the certificate that each of them is told to expect. */
export async function listenOnNetwork(
  { host, port, address, certificateFolder }: NetworkWay,
  enter: (raw: Socket, connection: Socket) => void,
): Promise<Listening> {
  const { certificate, withKey } = await certificateIn(certificateFolder, address);
  const secureContext = createSecureContext({ key: withKey, cert: withKey, minVersion: "TLSv1.3" });
  const options = { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay };
  const server = createServer(options, (raw) =>
    enter(raw, new TLSSocket(raw, { isServer: true, secureContext })),
  );
  server.listen(port, host);
  await once(server, "listening");
  return { server, port: (server.address() as AddressInfo).port, certificate };
}
