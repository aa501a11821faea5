import { Menu, useMantineColorScheme } from "@mantine/core";
import { useTranslation } from "react-i18next";

const choices = ["light", "dark", "auto"] as const;

/** Light, dark, or as the system has it; remembered in this browser. */
export function ColourItems() {
  const { t } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const choose = (value: string) => setColorScheme(choices.find((choice) => choice === value) ?? "auto");
  return (
    <Menu.RadioGroup value={colorScheme} onChange={choose}>
      {choices.map((choice) => (
        <Menu.RadioItem key={choice} value={choice}>
          {t(`account.${choice}`)}
        </Menu.RadioItem>
      ))}
    </Menu.RadioGroup>
  );
}
