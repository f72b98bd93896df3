from mirascope.core import BaseMessageParam, openai
from pydantic import BaseModel


# #region call
@openai.call("gpt-4o-mini")
def recommend_book(genre: str) -> str:
    return f"Recommend a {genre} book"


response = recommend_book("fantasy")
print(response.content, response.input_tokens, response.output_tokens)
# #endregion


# #region stream
@openai.call("gpt-4o-mini", stream=True)
def stream_book(genre: str) -> str:
    return f"Recommend a {genre} book"


for chunk, _ in stream_book("fantasy"):
    print(chunk.content, end="")
print()
# #endregion


# #region extract
class Book(BaseModel):
    title: str
    pages: int


@openai.call("gpt-4o-mini", response_model=Book)
def extract_book(text: str) -> str:
    return f"Extract the book: {text}"


book = extract_book("Mistborn has 544 pages.")
print(book.title, book.pages + 1)
# #endregion


# #region tools
def get_book_info(isbn: str) -> str:
    """Looks a book up by its ISBN."""
    return f"Mistborn ({isbn})"


@openai.call("gpt-4o-mini", tools=[get_book_info])
def ask(history: list[BaseMessageParam]) -> list[BaseMessageParam]:
    return history


history = [BaseMessageParam(role="user", content="Which book has the ISBN 0-7653-1178-X?")]
for _ in range(5):
    response = ask(history)
    history.append(response.message_param)
    if not (tools := response.tools):
        break
    history += response.tool_message_params([(tool, tool.call()) for tool in tools])
print(response.content)
# #endregion
