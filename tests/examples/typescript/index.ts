import * as colonnade from "@pulumi/colonnade";
import * as pulumi from "@pulumi/pulumi";
import { readFileSync } from "fs";

const config = new pulumi.Config();
const functions = {
  architecture: config.require("architecture"),
  python: config.require("python"),
  logRetentionDays: 7,
};

const orders = new colonnade.OutboxPipeline("orders", {
  functions,
  archiveRetentionDays: 3,
  retainData: false,
});
const api = new colonnade.ServerlessApi("api", {
  openapi: readFileSync("openapi.yaml", "utf8"),
  operations: { hello: "greet", placeOrder: "place_order" },
  apiFunctions: {
    greet: { code: "./hello", memory: 128 },
    place_order: { functionArn: orders.placeOrderFunctionArn },
  },
  functions,
  retainData: false,
});

export const url = api.url;
export const ordersTable = orders.ordersTableName;
