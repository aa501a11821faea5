import type { Environment, Plan } from "@endstation/api";
import { useState } from "react";
import { useEnvironments } from "../../portal/environments.ts";
import type { Offer } from "./offers.ts";
import type { Values } from "./ParameterFields.tsx";

type Notebook = Environment["notebooks"][number];

/** What somebody has chosen to start, and what is proposed where she has not. */
export interface Choice {
  /** False while it is not known yet which notebooks there are: what is started now would begin without one. */
  readonly isKnown: boolean;
  readonly offer: Offer | undefined;
  readonly plan: Plan | null;
  readonly notebooks: readonly Notebook[];
  readonly notebook: Notebook | undefined;
  /** Values of the notebook's parameters that are not its own. */
  readonly values: Values;
  readonly chooseEnvironment: (name: string) => void;
  readonly chooseFlavour: (name: string) => void;
  readonly chooseNotebook: (file: string) => void;
  readonly setValues: (values: Values) => void;
}

export function useChoice(offers: readonly Offer[]): Choice {
  const [environment, setEnvironment] = useState<string | null>(null);
  const [flavour, setFlavour] = useState<string | null>(null);
  const [file, setFile] = useState<string | null>(null);
  const [values, setValues] = useState<Values>({});
  const known = useEnvironments();
  const environments = known.data?.items ?? [];
  const offer = offers.find((one) => one.environment === environment) ?? offers[0];
  const plan =
    offer?.plans.find((one) => one.flavour === flavour) ?? offer?.proposed ?? offer?.plans[0] ?? null;
  const notebooks = environments.find(({ name }) => name === offer?.environment)?.notebooks ?? [];
  const chooseNotebook = (name: string | null) => {
    setFile(name);
    setValues({});
  };
  return {
    isKnown: !known.isPending,
    offer,
    plan,
    notebooks,
    notebook: notebooks.find((one) => one.file === file) ?? notebooks[0],
    values,
    chooseEnvironment: (name) => {
      setEnvironment(name);
      setFlavour(null);
      chooseNotebook(null);
    },
    chooseFlavour: setFlavour,
    chooseNotebook,
    setValues,
  };
}
