# SPDX-License-Identifier: Apache-2.0
# Installs Chaperone where it is not installed yet, as SYSTEM: a computer startup script (Group Policy) or a Win32 app (Intune).
# Holds the enrolment token: let administrators and computer accounts read it, nobody else. Ends with the status of msiexec.
param([string]$Msi = (Join-Path $PSScriptRoot 'chaperone.msi'))
$ErrorActionPreference = 'Stop'
$group = @GROUP@
if (Get-ItemProperty -Path 'HKLM:\Software\Chaperone' -Name Version -ErrorAction SilentlyContinue) {
  Write-Output 'Chaperone is installed'
  exit 0
}
if (-not (Test-Path -LiteralPath $Msi)) {
  [Console]::Error.WriteLine("chaperone: $Msi is missing; put the MSI beside this script or name it with -Msi")
  exit 3
}
$arguments = @('/i', ('"' + $Msi + '"'), '/qn', '/norestart', ('SERVER_URL=' + @SERVER@), ('ENROLLMENT_TOKEN=' + @TOKEN@))
$done = Start-Process -FilePath msiexec.exe -ArgumentList $arguments -Wait -PassThru
Write-Output "Chaperone, group ${group}: msiexec ended with $($done.ExitCode)"
exit $done.ExitCode
