using System.Text.Json.Serialization;
using Orchestrator.Core.Engines;

namespace Orchestrator.Core.Planning;

/// <summary>
/// Journals of earlier builds have a field for each option of an engine. They are read into <see cref="EngineOptions"/>, and written no more;
/// a value that stood for "not given" is left out.
/// </summary>
public sealed partial record CompactionOptions
{
    private const int FreeSpaceTargetNotGiven = 20;

    [JsonPropertyName("freeSpaceTargetMB")]
    public int OlderFreeSpaceTargetMB
    {
        init => EngineOptions = Taken("freeSpaceTargetMB", value, value != FreeSpaceTargetNotGiven);
    }

    [JsonPropertyName("paddingFactor")]
    public double OlderPaddingFactor
    {
        init => EngineOptions = Taken("paddingFactor", (decimal)value, value > 0);
    }

    [JsonPropertyName("paddingBytes")]
    public int OlderPaddingBytes
    {
        init => EngineOptions = Taken("paddingBytes", value, value >= 0);
    }

    [JsonPropertyName("compactHistory")]
    public long OlderCompactHistory
    {
        init => EngineOptions = Taken("compactHistory", value, value > 0);
    }

    [JsonPropertyName("disarmNoSpace")]
    public bool OlderDisarmNoSpace
    {
        init => EngineOptions = Taken("disarmNoSpace", value, value);
    }

    [JsonPropertyName("discardPartial")]
    public bool OlderDiscardPartial
    {
        init => EngineOptions = Taken("discardPartial", value, value);
    }

    private OptionValues Taken(string name, OptionValue value, bool isGiven) => isGiven ? EngineOptions.With(name, value) : EngineOptions;
}
