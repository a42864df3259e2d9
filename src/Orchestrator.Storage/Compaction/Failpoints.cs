namespace Orchestrator.Storage.Compaction;

/// <summary>Names of the points where a crash is of interest; tests stop or copy the files there.</summary>
internal static class Failpoints
{
}
