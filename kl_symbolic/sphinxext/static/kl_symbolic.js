// The button of a derivation copies its LaTeX.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button.kl-copy");
  if (!button) return;
  const latex = button.dataset.latex;
  try {
    await navigator.clipboard.writeText(latex);
  } catch {
    // No permission, or not a secure page: select the text of a hidden field and copy that.
    const field = document.createElement("textarea");
    field.value = latex;
    field.style.position = "fixed";
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
  const label = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = label), 1500);
});
