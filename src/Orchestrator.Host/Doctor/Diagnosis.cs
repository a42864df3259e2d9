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
        var isRunning = configuration.IsForServe && await PortChecks.IsRunning(settings.Http, cancellationToken);
        return
        [
            Finding.Ok("configuration", $"{configFile} is valid, for {configuration.Use}."),
            .. configuration.Warnings.Select(warning => Finding.Warn("configuration", $"{warning}.", CheckedConfiguration.Remedy)),
            .. configuration.IsForServe ? await PortChecks.Look(settings, isRunning, cancellationToken) : [],
            .. StorageChecks.Look(settings, isRunning),
            ClockCheck.Look(time, BuiltAt()),
            .. CertificateChecks.Look(settings, time),
            .. settings.Roles.Supervisor ? await ClusterChecks.Look(settings, time, cancellationToken) : [],
        ];
    }

    /// <summary>The time of the program's file, which is the assembly or, where all is in one file, the executable.</summary>
    private static DateTime BuiltAt()
    {
        var assembly = Path.Combine(AppContext.BaseDirectory, $"{typeof(Diagnosis).Assembly.GetName().Name}.dll");
        return File.GetLastWriteTimeUtc(File.Exists(assembly) ? assembly : Environment.ProcessPath!);
    }
}
