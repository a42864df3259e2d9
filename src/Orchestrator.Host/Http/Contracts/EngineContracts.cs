namespace Orchestrator.Host.Http.Contracts;

/// <summary>The engines that this server knows.</summary>
public sealed record EngineListDto(IReadOnlyList<EngineDto> Engines);

/// <summary>What an engine is and can do; a member may be able to do less, as its version is.</summary>
/// <param name="Name">Its name in settings and answers.</param>
/// <param name="Title">Its name for people.</param>
/// <param name="Description">What it is, in one sentence.</param>
/// <param name="IsBuiltIn">Whether it is the database that comes with the orchestrator.</param>
/// <param name="Scope">The smallest thing that one compaction covers: <c>node</c>, <c>database</c>, <c>collection</c> or <c>index</c>.</param>
/// <param name="HasPrimary">Whether replica sets have a primary, which steps down before its turn.</param>
/// <param name="EstimatesWithoutCompacting">Whether a plan tells what a compaction would free.</param>
/// <param name="ReportsProgress">Whether progress can be seen.</param>
/// <param name="Modes">The first is the default.</param>
/// <param name="Options">Options that not every engine has: those that it has, and those that it refuses.</param>
/// <param name="Needs">What the orchestrator needs, a sentence each.</param>
public sealed record EngineDto(
    string Name,
    string Title,
    string Description,
    bool IsBuiltIn,
    string Scope,
    bool HasPrimary,
    bool EstimatesWithoutCompacting,
    bool ReportsProgress,
    IReadOnlyList<EngineModeDto> Modes,
    IReadOnlyList<EngineOptionDto> Options,
    IReadOnlyList<string> Needs);

/// <summary>One mode of an engine.</summary>
/// <param name="Description">What it does.</param>
/// <param name="Meanwhile">What happens to a member meanwhile.</param>
/// <param name="Availability">What the member serves meanwhile: <c>serving</c>, <c>reads-only</c>, <c>recovering</c> or <c>offline</c>.</param>
/// <param name="TemporarySpace">Space that it needs beside the files: <c>none</c>, <c>live-data</c>, <c>whole-file</c> or <c>fixed</c>.</param>
/// <param name="CanCancel">Whether it can be cancelled while it runs.</param>
/// <param name="CanPause">Whether it can stop and go on later without losing work.</param>
public sealed record EngineModeDto(
    string Name, string Description, string Meanwhile, string Availability, string TemporarySpace, bool CanCancel, bool CanPause);

/// <summary>An option of a request that not every engine has.</summary>
/// <param name="Name">Its field in a request's <c>options</c>.</param>
/// <param name="Type"><c>flag</c>, <c>integer</c>, <c>number</c>, <c>size</c>, <c>rate</c>, <c>share</c>, <c>text</c> or <c>choice</c>.</param>
/// <param name="Range">The values that it takes.</param>
/// <param name="Default">What holds where it is not given; absent for an option that is refused.</param>
/// <param name="Modes">The modes that it belongs to; absent for all.</param>
/// <param name="Since">The versions of the engine that have it; absent for all.</param>
/// <param name="Refusal">Why the engine does not have it; absent where it has it.</param>
public sealed record EngineOptionDto(
    string Name, string Type, string? Description, string Range, string? Default, IReadOnlyList<string>? Modes, string? Since, string? Refusal);

/// <summary>What the user of a cluster may not do and its runs need.</summary>
public sealed record AccessDto(string Cluster, IReadOnlyList<AccessGapDto> Missing);

/// <param name="Node">The member that was asked.</param>
/// <param name="Resource">On what it must be done.</param>
/// <param name="Actions">What is missing, by the engine's names.</param>
/// <inheritdoc cref="Core.Engines.AccessGap"/>
public sealed record AccessGapDto(string Node, string Resource, IReadOnlyList<string> Actions);
