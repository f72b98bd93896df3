import type { FakeFailure, FakeWire } from "../../contract/fake-answer.ts";
import { openaiErrorBody } from "../../dialects/fake-sdk-error.ts";
import { openaiFake } from "../../dialects/openai-sdk-fake.ts";
import { AzureInferenceError } from "./error.ts";
import { isRest } from "./rest.ts";
import type { AzureTypes } from "./types.ts";

const openai = openaiFake<AzureTypes>("azure");

/** How answers are made up for tests, in the form of the `openai` package; errors in that of the given client's. */
export const fake: FakeWire<AzureTypes> = {
  ...openai,

  error(failure, client) {
    const { status } = failure;
    const ofRest = status !== undefined && typeof client === "object" && client !== null && isRest(client);
    return ofRest ? restError(failure, status) : openai.error(failure);
  },
};

function restError(failure: FakeFailure, status: number): AzureInferenceError {
  return new AzureInferenceError({ headers: failure.headers }, openaiErrorBody(failure), status);
}
