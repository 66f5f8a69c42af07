# SPDX-License-Identifier: Apache-2.0
# Trusts the organisation's root on this computer; -Remove takes it back. As SYSTEM or administrator: a computer startup script
# (Group Policy) or a platform script (Intune). Can be repeated. Group Policy can do without it: import root.cer there.
param([switch]$Remove)
$ErrorActionPreference = 'Stop'
$roots = @(
@ROOTS@
)
$store = New-Object System.Security.Cryptography.X509Certificates.X509Store('Root', 'LocalMachine')
$store.Open('ReadWrite')
try {
  foreach ($root in $roots) {
    $certificate = New-Object System.Security.Cryptography.X509Certificates.X509Certificate2(,[Convert]::FromBase64String($root))
    if ($Remove) { $store.Remove($certificate) } else { $store.Add($certificate) }
    Write-Output "$($certificate.Thumbprint) $($certificate.Subject)"
  }
} finally {
  $store.Close()
}
