/** A notebook to work in: a code cell and one of text. */
export const workNotebook = JSON.stringify({
  cells: [
    {
      cell_type: "code",
      id: "one",
      source: "print(6 * 7)",
      metadata: {},
      outputs: [],
      execution_count: null,
    },
    { cell_type: "raw", id: "two", source: "notes: ", metadata: {} },
  ],
  metadata: { kernelspec: { name: "python3", display_name: "Python 3", language: "python" } },
  nbformat: 4,
  nbformat_minor: 5,
});
