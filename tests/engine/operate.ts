/**
 * One operation of the Pulumi CLI on index.ts: `node operate.js <stack> <operation> <result file> [option=value ...]`.
 * Like operate.py, it prints the output of the CLI and writes the result as JSON.
 */
import { EngineEvent, LocalWorkspace } from "@pulumi/pulumi/automation";
import { writeFileSync } from "fs";

const [stackName, operation, file, ...options] = process.argv.slice(2);
const result = {
  succeeded: false,
  steps: {} as Record<string, string[]>,
  messages: [] as string[][],
  outputs: {} as Record<string, unknown>,
};

function onEvent(event: EngineEvent): void {
  const step = event.resourcePreEvent?.metadata;
  if (step) {
    (result.steps[step.urn] ??= []).push(step.op);
  }
  const message = event.diagnosticEvent;
  if (message) {
    result.messages.push([message.severity, message.message]);
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
    result.succeeded = true;
    for (const [name, output] of Object.entries(await stack.outputs())) {
      result.outputs[name] = output.value;
    }
  } catch (error) {
    result.messages.push(["error", String(error)]);
  }
  writeFileSync(file, JSON.stringify(result));
}

main();
