import { SegmentedControl, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Loaded } from "../../parts/Loaded.tsx";
import { Page } from "../../parts/Page.tsx";
import { useProposals } from "../../portal/proposals.ts";
import { ExperimentGrid } from "./ExperimentGrid.tsx";
import classes from "./Experiments.module.css";
import { GridShape } from "./GridShape.tsx";

/** Her own experiments, or all whose data she may see. */
export function ExperimentsPage() {
  const { t } = useTranslation();
  const [whose, setWhose] = useState("mine");
  const [words, setWords] = useState("");
  const proposals = useProposals(whose === "mine");
  return (
    <Page title={t("experiments.title")} lead={t("experiments.lead")}>
      <div className={classes.bar}>
        <SegmentedControl
          aria-label={t("experiments.whose")}
          value={whose}
          onChange={setWhose}
          data={[
            { value: "mine", label: t("experiments.mine") },
            { value: "all", label: t("experiments.all") },
          ]}
        />
        <TextInput
          type="search"
          aria-label={t("experiments.filter")}
          placeholder={t("experiments.filter")}
          leftSection={<IconSearch aria-hidden size={16} />}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
          className={classes.search}
        />
      </div>
      <Loaded query={proposals} shape={<GridShape />}>
        {({ items }) => <ExperimentGrid proposals={items} words={words} mine={whose === "mine"} />}
      </Loaded>
    </Page>
  );
}
