namespace Orchestrator.Core.Tests;

public class ErrorTextTests
{
    [Theory]
    [InlineData("The JSON path '$.' is not valid. (Parameter 'jsonPath')", "The JSON path '$.' is not valid.", true)]
    [InlineData("Cannot parse 'x' as System.Nullable`1[System.Int64].", ErrorText.Unexpected, false)]
    [InlineData("Index and length must refer to a location within the string. (Parameter 'length')", ErrorText.Unexpected, false)]
    [InlineData("run r1 waits: the operating system is busy", "run r1 waits: the operating system is busy", true)]
    public void Texts_of_the_platform_are_not_shown(string text, string shown, bool isForPeople)
    {
        Assert.Equal((shown, isForPeople), (ErrorText.Shown(text, out var found), found));
    }
}
