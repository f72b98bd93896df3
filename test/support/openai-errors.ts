import OpenAI from "openai";

/** The classes of the `openai` package by status. */
export const openaiErrors: Readonly<Record<number, new (...args: never[]) => Error>> = {
  400: OpenAI.BadRequestError,
  401: OpenAI.AuthenticationError,
  403: OpenAI.PermissionDeniedError,
  404: OpenAI.NotFoundError,
  409: OpenAI.ConflictError,
  422: OpenAI.UnprocessableEntityError,
  429: OpenAI.RateLimitError,
  500: OpenAI.InternalServerError,
  502: OpenAI.InternalServerError,
  503: OpenAI.InternalServerError,
};

/** What `classify` says of a status where the body says nothing sharper. */
export const statusKinds: Readonly<Record<number, string>> = {
  400: "invalid_request",
  401: "authentication",
  403: "permission",
  404: "not_found",
  409: "conflict",
  413: "too_large",
  422: "invalid_request",
  429: "rate_limit",
  500: "server",
  502: "server",
  503: "overloaded",
};
