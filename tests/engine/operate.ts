/**
 * One operation of the Pulumi CLI on index.ts: `node operate.js <stack> <operation> <result file> [option=value ...]`.
 * As operate.py: it prints what the CLI prints and writes what happened as JSON.
 */
import { EngineEvent, LocalWorkspace } from "@pulumi/pulumi/automation";
import { writeFileSync } from "fs";

const [stackName, operation, result, ...options] = process.argv.slice(2);
const told = {
  succeeded: false,
  steps: {} as Record<string, string[]>,
  messages: [] as string[][],
  outputs: {} as Record<string, unknown>,
};

function onEvent(event: EngineEvent): void {
  const step = event.resourcePreEvent?.metadata;
  if (step) {
    (told.steps[step.urn] ??= []).push(step.op);
  }
  const said = event.diagnosticEvent;
  if (said) {
    told.messages.push([said.severity, said.message]);
  }
}

async function main(): Promise<void> {
  const stack = await LocalWorkspace.createOrSelectStack(
    { stackName, projectName: "shop", program: () => import("./index") },
    { workDir: process.cwd() },
  );
  const flags = { expectNoChanges: options.includes("expect_no_changes=true") };
  const how = { onOutput: console.log, onEvent, color: "never" as const };
  try {
    if (operation === "preview") {
      await stack.preview({ ...how, ...flags });
    } else if (operation === "up") {
      await stack.up({ ...how, ...flags });
    } else {
      await stack.destroy(how);
    }
    told.succeeded = true;
    for (const [name, output] of Object.entries(await stack.outputs())) {
      told.outputs[name] = output.value;
    }
  } catch (error) {
    told.messages.push(["error", String(error)]);
  }
  writeFileSync(result, JSON.stringify(told));
}

main();
