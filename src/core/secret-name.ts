/** Whether a setting of this name is a secret: nobody but a person has its value, whatever an example says. */
export function isSecretName(name: string): boolean {
  return secretName.test(name.replace(/([a-z])([A-Z])/g, '$1_$2'))
}

const secretName =
  /pass(?:word|wd|phrase)?$|pwd|secret|token|(?:api|access|auth|private|signing|encryption|service|client|app|master|license|account)[-_]?key|(?:^|[-_])key$|credential|bearer|(?:^|[-_])jwt|salt$|cookie[-_]?key|webhook|dsn$|private|cert(?:ificate)?$|client[-_]?id$/i
