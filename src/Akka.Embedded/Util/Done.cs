namespace Akka;

/// <summary>The result of an operation that completes without a value.</summary>
public sealed class Done
{
    /// <summary>The only value.</summary>
    public static readonly Done Instance = new();

    private Done()
    {
    }
}
