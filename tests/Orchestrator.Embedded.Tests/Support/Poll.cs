namespace Orchestrator.Embedded.Tests.Support;

/// <summary>For tests that look again until something has happened.</summary>
internal static class Poll
{
    /// <summary>Leaves the processor to what is awaited; nothing depends on its length.</summary>
    public static Task PauseAsync() => Task.Delay(TimeSpan.FromMilliseconds(10));
}
