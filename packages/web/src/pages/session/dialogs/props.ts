import type { Session } from "@endstation/api";

export interface SessionDialogProps {
  readonly session: Session;
  readonly opened: boolean;
  readonly close: () => void;
}
