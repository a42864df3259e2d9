namespace Orchestrator.Host.Demo;

/// <summary>How long something is waited for: a slow machine gets up to three times as long while something moves.</summary>
/// <param name="timeout">How long nothing may move.</param>
internal sealed class Patience(TimeProvider time, TimeSpan timeout)
{
    private readonly long start = time.GetTimestamp();
    private long moved = time.GetTimestamp();
    private string before = "";

    public TimeSpan Waited => time.GetElapsedTime(start);

    /// <param name="missing">What is missing now; something has moved if it is not what was missing before.</param>
    public bool IsOver(string missing)
    {
        if (missing != before)
        {
            (before, moved) = (missing, time.GetTimestamp());
        }

        return time.GetElapsedTime(moved) > timeout || Waited > timeout * 3;
    }
}
