import type { Notice } from "@endstation/core";
import type { Generated, GeneratedAlways } from "kysely";

/** Table of migrations/0008-notices.sql and 0009-notice-mail.sql. */
export interface NoticeTables {
  readonly notices: {
    readonly id: GeneratedAlways<number>;
    readonly account: string;
    readonly session_id: string;
    readonly message: Notice;
    readonly at: number;
    readonly read: Generated<boolean>;
    readonly mailed: Generated<boolean>;
  };
}
