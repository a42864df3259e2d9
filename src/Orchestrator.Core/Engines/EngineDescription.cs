namespace Orchestrator.Core.Engines;

/// <summary>What an engine is and can do, for people and programs; a member may be able to do less, as its version is.</summary>
/// <param name="Name">Its name in settings and answers.</param>
/// <param name="Title">Its name for people.</param>
/// <param name="Sentence">What it is, in one sentence.</param>
/// <param name="Capabilities">What its members can do.</param>
/// <param name="Modes">Its modes, in the order of the capabilities; the first is the default.</param>
/// <param name="Needs">What the orchestrator needs, a sentence each: privileges, disk, versions.</param>
public sealed record EngineDescription(
    string Name,
    string Title,
    string Sentence,
    EngineCapabilities Capabilities,
    IReadOnlyList<EngineMode> Modes,
    IReadOnlyList<string> Needs);

/// <summary>One mode of an engine, for people.</summary>
/// <param name="Name">As it stands in a request.</param>
/// <param name="Sentence">What it does.</param>
/// <param name="Meanwhile">What happens to a member meanwhile.</param>
public sealed record EngineMode(string Name, string Sentence, string Meanwhile);
