using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Composition;

/// <summary>A configuration file as the command that it is meant for reads it.</summary>
/// <param name="IsForServe">Whether it has a section that only <c>serve</c> reads; else it is for commands with <c>--config</c>.</param>
/// <param name="Warnings">What is allowed, and may still be a mistake.</param>
internal sealed record CheckedConfiguration(OrchestratorSettings Settings, bool IsForServe, IReadOnlyList<SettingError> Warnings)
{
    private static readonly string[] OfServe = ["roles", "node", "http", "remoting"];

    /// <summary>What it is for, as part of a sentence.</summary>
    public string Use => IsForServe
        ? $"serve with role {string.Join(" and ", Settings.Roles.Names)}"
        : $"commands with --config (a file for serve has {string.Join(", ", OfServe.SkipLast(1))} or {OfServe[^1]} in orchestrator)";

    /// <summary>What to do about <see cref="Warnings"/>.</summary>
    public const string Remedy = "Write include required(\"FILE\") for a file that must exist.";

    /// <exception cref="SettingsException">It cannot be read, or anything in it is wrong: all errors at once.</exception>
    public static CheckedConfiguration Load(string configFile)
    {
        var sources = ConfigurationSources.Load(configFile);
        var isForServe = OfServe.Any(section => sources.File.HasPath($"orchestrator.{section}"));
        return new CheckedConfiguration(
            SettingsBinder.Bind(isForServe ? sources : StandaloneServer.ForOneCommand(sources, configFile), EngineProviders.All), isForServe, sources.Places.MissingIncludes);
    }
}
