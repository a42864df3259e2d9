namespace Orchestrator.Storage.Verification;

/// <summary>What <see cref="CollectionStore.Verify"/> found.</summary>
/// <param name="Problems">Empty if all is well; at most 100 for each file.</param>
/// <param name="Documents">Live documents that were checked.</param>
/// <param name="Tombstones">Tombstones that were checked.</param>
/// <param name="IndexEntries">Entries of all indexes that were checked.</param>
public sealed record VerificationReport(
    IReadOnlyList<VerificationProblem> Problems, long Documents, long Tombstones, long IndexEntries)
{
    public bool IsSound => Problems.Count == 0;

    /// <summary>What ended the check: a file that cannot be read; null where all files could be.</summary>
    public CorruptFileException? Damage { get; init; }
}

/// <summary>One thing that is wrong.</summary>
/// <param name="File">Absolute path of the file that has it.</param>
/// <param name="Description">A sentence for the operator.</param>
public sealed record VerificationProblem(string File, string Description);

/// <summary>Is told how far a verification is.</summary>
/// <param name="stage">What is being looked at.</param>
/// <param name="rowsDone">Rows of all stages looked at.</param>
/// <param name="rowsTotal">Rows of all stages, as they were counted at the beginning.</param>
public delegate void VerificationProgress(string stage, long rowsDone, long rowsTotal);
