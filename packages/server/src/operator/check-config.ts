import { developmentGuard, readConfig } from "../config/index.ts";
import { answer, type OperatorCommand, portalWords } from "./answer.ts";

/** `config check [FILE]`: reads the configuration as a start would, and does nothing with it. */
export const checkConfig: OperatorCommand = async (operator) => {
  const { words, options, env } = operator;
  const [file = options.config] = words;
  const argv = portalWords({ ...options, ...(file === undefined ? {} : { config: file }) });
  const config = readConfig({ argv, env });
  developmentGuard(config);
  const { publicUrl, stateFolder, identity } = config;
  const issuer = identity?.issuer ?? null;
  const value = { file: config.file, publicUrl, stateFolder, issuer };
  const words_ = [
    config.file === null ? "There is no configuration file; this holds:" : `${config.file} has no mistakes.`,
    `  people open   ${publicUrl}`,
    `  log in at     ${issuer ?? "the development issuer, on this machine only"}`,
    `  state is in   ${stateFolder}`,
  ];
  answer(operator, value, words_.join("\n"));
  return 0;
};
