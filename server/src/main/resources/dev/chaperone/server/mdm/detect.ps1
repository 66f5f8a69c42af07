# SPDX-License-Identifier: Apache-2.0
# Is this computer protected? 0 and a line: yes. 1 and a line that names what is missing: no. Intune: the detection script of a
# remediation, in 64-bit PowerShell, with the system's credentials. Changes nothing.
$product = Get-ItemProperty -Path 'HKLM:\Software\Chaperone' -Name InstallFolder -ErrorAction SilentlyContinue
if (-not $product) {
  Write-Output 'Chaperone is not installed'
  exit 1
}
$program = Join-Path $product.InstallFolder 'bin\chaperone.exe'
$data = Join-Path $env:ProgramData 'Chaperone\data'
try {
  $answer = & $program doctor --json --data-dir $data 2>$null | Out-String | ConvertFrom-Json
} catch {
  $answer = $null
}
if (-not $answer) {
  Write-Output 'Chaperone is installed and does not answer'
  exit 1
}
if ($answer.protected -eq $true) {
  Write-Output 'Chaperone protects this computer'
  exit 0
}
$missing = ($answer.checks | Where-Object { $_.state -eq 'bad' } | ForEach-Object { $_.name }) -join ', '
Write-Output "Chaperone does not protect this computer: $missing"
exit 1
