import type { Notice } from "@endstation/api";
import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Empty } from "../../parts/Empty.tsx";
import { Lines, Loaded } from "../../parts/Loaded.tsx";
import { Page } from "../../parts/Page.tsx";
import { ProblemNotice } from "../../parts/ProblemNotice.tsx";
import { useNotices, useReadNotices } from "../../portal/notices.ts";
import { NoticeRow } from "./NoticeRow.tsx";
import classes from "./Notices.module.css";

/** What the portal told her of her sessions, the newest first. */
export function NoticesPage() {
  const { t } = useTranslation();
  const notices = useNotices();
  return (
    <Page title={t("notices.title")} lead={t("notices.lead")} narrow>
      <Loaded query={notices} shape={<Lines count={4} height={48} />}>
        {({ pages }) => (
          <>
            <List notices={pages.flatMap(({ items }) => items)} />
            {notices.hasNextPage && (
              <Button
                variant="default"
                loading={notices.isFetchingNextPage}
                onClick={() => void notices.fetchNextPage()}
              >
                {t("common.more")}
              </Button>
            )}
          </>
        )}
      </Loaded>
    </Page>
  );
}

/** As many as the portal takes at once. */
const mostAtOnce = 200;

function List({ notices }: { notices: readonly Notice[] }) {
  const { t } = useTranslation();
  const read = useReadNotices();
  const unread = notices.filter((notice) => !notice.read).map(({ id }) => id);
  if (notices.length === 0) return <Empty title={t("notices.none")}>{t("notices.noneNext")}</Empty>;
  return (
    <>
      {unread.length > 0 && (
        <p className={classes.bar}>
          <Button
            size="xs"
            variant="default"
            loading={read.isPending}
            onClick={() => read.mutate(unread.slice(0, mostAtOnce))}
          >
            {t("notices.markRead")}
          </Button>
        </p>
      )}
      {read.isError && <ProblemNotice error={read.error} />}
      <ul className={classes.list} aria-label={t("notices.title")}>
        {notices.map((notice) => (
          <li key={notice.id}>
            <NoticeRow notice={notice} />
          </li>
        ))}
      </ul>
    </>
  );
}
