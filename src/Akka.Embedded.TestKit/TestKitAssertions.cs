namespace Akka.TestKit;

/// <summary>How the test kit tells the test framework of failures.</summary>
public interface ITestKitAssertions
{
    /// <summary>Fails the test.</summary>
    void Fail(string format = "", params object[] args);

    /// <summary>Fails unless the condition holds.</summary>
    void AssertTrue(bool condition, string format = "", params object[] args);

    /// <summary>Fails if the condition holds.</summary>
    void AssertFalse(bool condition, string format = "", params object[] args);

    /// <summary>Fails unless the values are equal.</summary>
    void AssertEqual<T>(T expected, T actual, string format = "", params object[] args);

    /// <summary>Fails unless the comparer takes the values for equal.</summary>
    void AssertEqual<T>(T expected, T actual, Func<T, T, bool> comparer, string format = "", params object[] args);
}
