"""Does counting aloud help?"""
