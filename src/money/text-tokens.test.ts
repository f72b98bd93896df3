import { encode } from "gpt-tokenizer";
import { describe, expect, test } from "vitest";
import { estimateTokens } from "./text-tokens.ts";

// Written for this test: one small story, told in ten languages.
const texts = {
  English:
    "The library opens at nine, but the old man is always there earlier. He waits under the chestnut tree with a book in his coat and asks everybody who passes whether they have read it. Nobody has, and so he tells them how it ends.",
  German:
    "Die Bibliothek öffnet um neun, aber der alte Mann ist immer schon früher da. Er wartet unter der Kastanie, ein Buch in der Manteltasche, und fragt jeden, der vorbeikommt, ob er es gelesen habe. Niemand hat es gelesen, also erzählt er, wie es ausgeht.",
  French:
    "La bibliothèque ouvre à neuf heures, mais le vieil homme est toujours là plus tôt. Il attend sous le marronnier, un livre dans la poche de son manteau, et demande à tous ceux qui passent s'ils l'ont lu. Personne ne l'a lu, alors il raconte la fin.",
  Spanish:
    "La biblioteca abre a las nueve, pero el anciano siempre llega antes. Espera bajo el castaño con un libro en el abrigo y pregunta a todos los que pasan si lo han leído. Nadie lo ha leído, y por eso él les cuenta cómo termina.",
  Polish:
    "Biblioteka otwiera się o dziewiątej, ale stary człowiek zawsze jest tam wcześniej. Czeka pod kasztanem z książką w kieszeni płaszcza i pyta każdego przechodnia, czy ją czytał. Nikt nie czytał, więc opowiada, jak się kończy.",
  Russian:
    "Библиотека открывается в девять, но старик всегда приходит раньше. Он ждёт под каштаном с книгой в кармане пальто и спрашивает каждого прохожего, читал ли тот её. Никто не читал, и поэтому он рассказывает, чем всё кончается.",
  Arabic:
    "تفتح المكتبة في التاسعة، لكن الرجل العجوز يأتي دائما قبل ذلك. ينتظر تحت شجرة الكستناء ومعه كتاب في جيب معطفه، ويسأل كل من يمر هل قرأه. لم يقرأه أحد، ولذلك يحكي لهم كيف ينتهي.",
  Hindi:
    "पुस्तकालय नौ बजे खुलता है, लेकिन बूढ़ा आदमी हमेशा उससे पहले वहाँ होता है। वह पेड़ के नीचे अपनी जेब में एक किताब लेकर इंतज़ार करता है और हर गुज़रने वाले से पूछता है कि क्या उसने इसे पढ़ा है। किसी ने नहीं पढ़ा, इसलिए वह बताता है कि अंत में क्या होता है।",
  Chinese:
    "图书馆九点开门，可是那位老人总是来得更早。他在栗子树下等着，大衣口袋里放着一本书，问每一个路过的人有没有读过它。没有人读过，于是他就告诉他们故事的结局。",
  Japanese:
    "図書館は九時に開きますが、その老人はいつももっと早くそこにいます。コートのポケットに本を入れて栗の木の下で待ち、通りかかる人みんなにそれを読んだことがあるかと尋ねます。誰も読んでいないので、彼は結末を話して聞かせます。",
  Korean:
    "도서관은 아홉 시에 문을 열지만 그 노인은 언제나 더 일찍 와 있다. 외투 주머니에 책을 넣고 밤나무 아래에서 기다리며 지나가는 사람마다 그 책을 읽었는지 묻는다. 아무도 읽지 않았기에 그는 어떻게 끝나는지 이야기해 준다.",
};

const book = {
  title: "Dune",
  pages: 412,
  tags: ["desert", "spice"],
  author: { name: "Frank Herbert", born: 1920 },
  inPrint: true,
};
const forms = {
  code: `export function mergeCounts(first: Map<string, number>, second: Map<string, number>): Map<string, number> {
  const merged = new Map(first);
  for (const [key, count] of second) {
    if (count === 0) continue;
    merged.set(key, (merged.get(key) ?? 0) + count);
  }
  return merged;
}
`,
  "minified JSON": JSON.stringify(Array.from({ length: 20 }, (_, index) => ({ ...book, id: index * 7919 }))),
  "indented JSON": JSON.stringify([book, book, book], null, 2),
  markdown: "## Setup\n\n- run `npm test`\n- open **docs/costs.md**\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n",
};

describe("[E11] an estimate is within a third of a real tokenizer's count", () => {
  test.each(Object.entries({ ...texts, ...forms }))("%s", (_, text) => {
    const error = estimateTokens(text) / encode(text).length - 1;
    expect(Math.abs(error)).toBeLessThan(1 / 3);
  });

  test("of a long text as of a short one, in linear time", () => {
    const long = texts.Chinese.repeat(1300);
    expect(long.length).toBeGreaterThan(90_000);
    expect(estimateTokens(long) / (encode(texts.Chinese).length * 1300)).toBeCloseTo(
      estimateTokens(texts.Chinese) / encode(texts.Chinese).length,
      1,
    );
  });

  test("of nothing it is 0", () => expect(estimateTokens("")).toBe(0));
});
