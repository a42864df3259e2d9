namespace Orchestrator.Storage;

/// <summary>What was found of an earlier compaction of the documents when a collection was opened.</summary>
public enum StartUpState
{
    /// <summary>No compaction was under way.</summary>
    Fresh,

    /// <summary>A partial copy is there; the next compaction goes on from its checkpoint.</summary>
    Resumable,

    /// <summary>A complete copy was about to take the old file's place; it now has.</summary>
    SwapFinished,

    /// <summary>A partial copy was of no use and is removed.</summary>
    Discarded,
}

/// <summary>What opening a collection found and did.</summary>
/// <param name="Created">True if there were no files yet.</param>
/// <param name="CopiedThrough">For <see cref="StartUpState.Resumable"/>: seq through which rows are copied; else 0.</param>
/// <param name="OrphanedIndexFiles">Index files without a definition; they are kept.</param>
/// <param name="Notes">Sentences for the log, one for each thing found and done.</param>
public sealed record OpenReport(
    StartUpState State, bool Created, long CopiedThrough, IReadOnlyList<string> OrphanedIndexFiles, IReadOnlyList<string> Notes);
