/** How a portal is set up that starts its sessions on one engine alone. */
export interface EnginePortal {
  /** The configuration file, for a portal whose state lies in this folder. */
  config(state: string): Promise<string>;
  /** Takes away what `config` made on the engine. */
  undo(): Promise<void>;
}
