using Orchestrator.Host.Composition;
using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Doctor;

/// <summary>All that can be found out before a process starts. Changes nothing.</summary>
internal static class Diagnosis
{
    public static async Task<IReadOnlyList<Finding>> Make(string configFile, TimeProvider time, CancellationToken cancellationToken)
    {
        CheckedConfiguration configuration;
        try
        {
            configuration = CheckedConfiguration.Load(configFile);
        }
        catch (SettingsException e)
        {
            return [.. e.Errors.Select(error => Finding.Fail("configuration", $"{error}.", "Correct the file; 'orchestrator check-config' checks it alone."))];
        }

        var settings = configuration.Settings;
        return
        [
            Finding.Ok("configuration", $"{configFile} is valid, for {configuration.Use}."),
            .. configuration.IsForServe ? await PortChecks.Look(settings, cancellationToken) : [],
            .. StorageChecks.Look(settings),
            ClockCheck.Look(time, File.GetLastWriteTimeUtc(typeof(Diagnosis).Assembly.Location is { Length: > 0 } file ? file : Environment.ProcessPath!)),
            .. CertificateChecks.Look(settings, time),
            .. settings.Roles.Supervisor ? await ClusterChecks.Look(settings, time, cancellationToken) : [],
        ];
    }
}
