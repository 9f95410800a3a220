// <form data-passkey="get|create" data-options="address"> fetches options (POST), asks the device, and posts the answer as JSON in "credential".
{
  const bytes = (value) => Uint8Array.from(atob(value.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const letters = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const encode = (value) => value instanceof ArrayBuffer ? letters(value) : value;
  const listed = (list) => list?.map((c) => ({ ...c, id: bytes(c.id) }));

  async function ask(form) {
    const token = form.querySelector('[name="_csrf"]')?.value ?? document.querySelector('meta[name="csrf"]')?.content ?? "";
    const answer = await fetch(form.dataset.options, { method: "POST", headers: { "X-CSRF-Token": token, Accept: "application/json" } });
    if (!answer.ok) throw new Error("options");
    const whole = await answer.json(), options = whole.publicKey ?? whole;
    options.challenge = bytes(options.challenge);
    let made;
    if (form.dataset.passkey === "create") {
      options.user.id = bytes(options.user.id);
      options.excludeCredentials = listed(options.excludeCredentials);
      made = await navigator.credentials.create({ publicKey: options });
    } else {
      options.allowCredentials = listed(options.allowCredentials);
      made = await navigator.credentials.get({ publicKey: options });
    }
    const response = {};
    for (const key of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) if (made.response[key]) response[key] = encode(made.response[key]);
    if (made.response.getTransports) response.transports = made.response.getTransports();
    return { id: made.id, rawId: letters(made.rawId), type: made.type, authenticatorAttachment: made.authenticatorAttachment, clientExtensionResults: made.getClientExtensionResults(), response };
  }

  const { every, say } = portico;
  every("form[data-passkey]", (form) => {
    if (!globalThis.PublicKeyCredential) { form.hidden = true; return; }
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const wrong = form.querySelector("[data-passkey-wrong]");
      if (wrong) wrong.hidden = true;
      try {
        form.elements.credential.value = JSON.stringify(await ask(form));
        form.submit();
      } catch (problem) {
        form.dispatchEvent(new CustomEvent("portico:free", { bubbles: true }));
        if (!wrong) return;
        wrong.querySelector("span").textContent = problem.name === "InvalidStateError" ? say("This device already has a passkey here.") : problem.name === "NotAllowedError" ? say("Nothing was chosen. Try again, or use another way.") : say("That did not work. Use another way to sign in.");
        wrong.hidden = false;
      }
    });
  });
}
