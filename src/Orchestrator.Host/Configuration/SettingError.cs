namespace Orchestrator.Host.Configuration;

/// <summary>A place in a configuration file.</summary>
/// <param name="File">Name of the file.</param>
/// <param name="Line">From 1; 0 for the file as a whole.</param>
internal sealed record SettingPlace(string File, int Line)
{
    public override string ToString() => Line == 0 ? File : $"{File}:{Line}";
}

/// <summary>One thing that is wrong with the configuration.</summary>
/// <param name="Path">Path of the setting; empty when the whole file is meant.</param>
/// <param name="Place">Where it was written, as near as is known.</param>
/// <param name="Problem">What was expected and what was found.</param>
internal sealed record SettingError(string Path, SettingPlace Place, string Problem)
{
    public override string ToString() => Path.Length == 0 ? $"{Place}: {Problem}" : $"{Place}: {Path}: {Problem}";
}

/// <summary>A configuration that the process cannot start with, with everything that is wrong with it.</summary>
internal sealed class SettingsException(IReadOnlyList<SettingError> errors)
    : Exception(string.Join(Environment.NewLine, errors))
{
    /// <summary>At least one.</summary>
    public IReadOnlyList<SettingError> Errors { get; } = errors;
}
