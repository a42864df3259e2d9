using System.Text.Json.Serialization;

namespace Orchestrator.Host.Doctor;

/// <summary>What one look told. The names in JSON are the same in small letters.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FindingState>))]
internal enum FindingState
{
    /// <summary>Nothing to do.</summary>
    [JsonStringEnumMemberName("ok")]
    Ok,

    /// <summary>It works, or may work; somebody should look at it.</summary>
    [JsonStringEnumMemberName("warn")]
    Warn,

    /// <summary>It cannot work like this.</summary>
    [JsonStringEnumMemberName("fail")]
    Fail,
}

/// <summary>What one check of <c>doctor</c> found.</summary>
/// <param name="Check">Name of the check.</param>
/// <param name="Text">What was found, as a sentence.</param>
/// <param name="Remedy">What to do, as a sentence; empty when there is nothing to do.</param>
internal sealed record Finding(string Check, FindingState State, string Text, string Remedy)
{
    public static Finding Ok(string check, string text) => new(check, FindingState.Ok, text, "");

    public static Finding Warn(string check, string text, string remedy) => new(check, FindingState.Warn, text, remedy);

    public static Finding Fail(string check, string text, string remedy) => new(check, FindingState.Fail, text, remedy);
}
